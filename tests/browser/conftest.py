"""A real browser and a real server for it."""

import os
import shutil
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from ..pages.serve import application

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def chromium() -> tuple[str, str]:
    """Browser and driver; on CI they must be there."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), "")
    driver = shutil.which("chromedriver") or ""
    if not (browser and driver):
        message = "needs chromium and chromedriver (Debian: chromium chromium-driver)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return browser, driver


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of the pages over built days."""
    config = uvicorn.Config(application(), port=0, log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        assert thread.is_alive()
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def desktop(chromium: tuple[str, str]) -> Iterator[webdriver.Chrome]:
    """A window of 1440 × 900."""
    yield from _browser(chromium, 1440, 900, phone=False)


@pytest.fixture(scope="session")
def phone(chromium: tuple[str, str]) -> Iterator[webdriver.Chrome]:
    """A touch screen of 390 × 844."""
    yield from _browser(chromium, 390, 844, phone=True)


@pytest.fixture
def narrow(desktop: webdriver.Chrome, request: pytest.FixtureRequest) -> Iterator[webdriver.Chrome]:
    """A screen as wide as the parameter says; 320 is what WCAG 1.4.10 asks for."""
    size = {"width": request.param, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    desktop.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield desktop
    desktop.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def _browser(
    chromium: tuple[str, str], width: int, height: int, *, phone: bool
) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = chromium[0]
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--force-prefers-reduced-motion",
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if phone:
        metrics = {"width": width, "height": height, "pixelRatio": 2}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    driver = webdriver.Chrome(options=options, service=Service(chromium[1]))
    yield driver
    driver.quit()
