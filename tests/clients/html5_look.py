# SPDX-License-Identifier: LGPL-2.1-or-later
"""spice-html5 in headless Chromium: html5_look.py PAGE-URL FILE SECONDS [TEXT]. Opens the page, waits so long for a
canvas with a picture on it, types the text and Enter, and leaves the page in FILE-page.png and the canvas in FILE.png.
Prints the canvas's size and how many of its pixels are not dark, or what the page said. Needs python3-selenium, which
comes with the system's python."""
import base64
import sys
import time

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

# The size of the display's canvas and whether more than one colour is on it.
LOOK = """
const canvas = document.querySelector('#spice-screen canvas');
if (!canvas || !canvas.width) return null;
const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
let lit = 0;
for (let i = 0; i < pixels.length; i += 4)
    lit += pixels[i] + pixels[i + 1] + pixels[i + 2] > 96;
return [canvas.width, canvas.height, lit];
"""


def look(driver):
    try:
        return driver.execute_script(LOOK)
    except WebDriverException:
        return None


def wait(driver, good, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = look(driver)
        if seen and good(seen):
            return seen
        time.sleep(0.1)
    return None


def main(url, file, seconds, text=None):
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors",
                     "--disable-dev-shm-usage", "--window-size=2000,1300", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = "/usr/bin/chromium"
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        driver.get(url)
        seen = wait(driver, lambda canvas: canvas[2] > 500, float(seconds))
        if seen and text:
            wait(driver, lambda canvas: canvas[0] == 1024, 10)
            time.sleep(2)  # the node's prompt is not there before
            ActionChains(driver).move_to_element(driver.find_element("id", "spice-screen")).click().perform()
            for letter in text:
                ActionChains(driver).send_keys(letter).perform()
                time.sleep(0.03)
            ActionChains(driver).send_keys(Keys.ENTER).perform()
            time.sleep(3)
            seen = look(driver)
        driver.save_screenshot(f"{file}-page.png")
        if seen:
            data = driver.execute_script("return document.querySelector('#spice-screen canvas').toDataURL();")
            with open(f"{file}.png", "wb") as out:
                out.write(base64.b64decode(data.split(",", 1)[1]))
            print("canvas", *seen)
        else:
            print("nothing:", " | ".join(entry["message"] for entry in driver.get_log("browser"))[:2000])
    finally:
        driver.quit()


main(*sys.argv[1:])
